civicpos-ack-v1
540525
qj-01
1
1
9tYmsBGnlLzMkuxlCUgohpzoGkKQzPIOth1RRj8EsZo
ACCEPTED
11
DPO6bCZRqzmSnFcaTSYfu34AD5sEsV5qlfhO1iXUaYY
-
0
-

— civicpos/540525 YadV05QnFnVWWtb+YA9smj5zmOTkjK8Wz4mxG1U0KdgiNdLcDbgQcm/kpT06KdoHtUudglSF+hWLc5eVo5lp8UMWjAE=
