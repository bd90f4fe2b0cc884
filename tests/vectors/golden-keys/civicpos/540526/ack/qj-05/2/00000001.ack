civicpos-ack-v1
540526
qj-05
2
1
g-hKkEHGGHuLRjiQ-7ynQo-JewduEPPgLcuaufBaTcs
ACCEPTED
9
ZfkdajL0afpGhIXVBYnkoHMg9MRkkL1a-qbeEVnmlkU
-
0
-

— civicpos/540526 iTImfFf4945t1lrPuT8iYVWhF/7+3lLIKM7UuG1bt3aTe+vaIDrcsLb+q0dPj7cjUD9llRTFxjzuZffEqfAb+l73sAc=
