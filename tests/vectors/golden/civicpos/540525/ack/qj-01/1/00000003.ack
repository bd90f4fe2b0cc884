civicpos-ack-v1
540525
qj-01
1
3
ZPvFi1a7MBu9ilV0k9XgV9kt0XBycm54d-Es4KEyejA
ACCEPTED
24
0lzBXtIeUQSwy9tqVDKdUCPDk7DiOXbc1PZmlBYV778
-
0
-

— civicpos/540525 oW+OjSeliObPoimobyrxhX8YK2/U4HqZKeuuhZrKugBixh/0T/eq5tocsOdDiyq0RhW2cYLzx4pIxRzPWP/DR/7/iQc=
