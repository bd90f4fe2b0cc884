civicpos-ack-v1
540525
qj-01
1
1
0tyGttxr2I2Z5PHPyJo_jYAjXsljZIOSRljrF4gjDdo
ACCEPTED
8
HJEXa4fn_gSO5enuPRndT36NVKaXocm8xq-sodgM4fg
-
0
-

— civicpos/540525 YadV08UZ78aJ2NrdmewPNlatMPaU+D1Od4WFMopqT8OcR9W3pFtlugxjGnV46CP1oWQYLvFizr8YFCndEGIUOPirMgY=
