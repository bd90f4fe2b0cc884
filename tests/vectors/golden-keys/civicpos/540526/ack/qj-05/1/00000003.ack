civicpos-ack-v1
540526
qj-05
1
3
fsRus6T5vJsepFx0Xomn0k1g4xxI0eVwGjmmhXIklmo
ACCEPTED
9
1665kS-4wTlLSSEvI8I89PmMqVIJeAavCkE4CpuxkT0
-
0
-

— civicpos/540526 iTImfEKaBKwz9dO0csvpDaP0i3L+CXl1K6b7en6U5M5Brlbye+4StZlRYA2s9ljctS5x6MWBx2KXamooggottoP+oww=
