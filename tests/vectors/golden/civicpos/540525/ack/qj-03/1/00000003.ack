civicpos-ack-v1
540525
qj-03
1
3
uycs-eqlcqmY0b0s7cFyTJILcWIPCZFg-3FOmp9Dmjc
ACCEPTED
34
5Qcj4HzzA8jRb-WqtqO-RexqOYxkKlGgt6nW2vWFDXY
-
0
-

— civicpos/540525 oW+OjRvf7jWcH4Tzp7pdqe57AljjeQN/E4UUpKgi58T/AQRMG2dExP6v7ta4FuOKu4EyslOCNGQ0//7c9o+Qsg7QWwc=
