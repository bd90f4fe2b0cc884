civicpos-ack-v1
540525
qj-03
1
1
g7ZGprY-BiG_Nk45Vb9WNAktTwfuKkleQytxE-5l5Go
ACCEPTED
11
Z5TRRiaEQ3y7LrIsLj8Z--QFqwIhSZnsVk7HlWeRLEM
-
0
-

— civicpos/540525 YadV05UuHEGJhKoCLfb7nzc2LwqvH+oRspGN3us+NL0AOcBkgOLPizFpIb/BodywphgVnCQ8umONXuPmpsMou9X7eAA=
