civicpos-ack-v1
540525
qj-03
1
1
-2HSeGeoVFn0hu4Hu-ehgAXLPXBjpYDzZO22R3Eeao4
ACCEPTED
14
ECqT5bYut2ZkqNQgntagz5HwWO-hbknmilVOeAMVYoc
-
0
-

— civicpos/540525 YadV0+m1Bznz2NKZR+fRBVaci5vmpzf3WUu+uwMMX28efkQxWnqefwZlXUs7sHuqihHnrxqcXOx6DPhYVSLWerXTfgE=
