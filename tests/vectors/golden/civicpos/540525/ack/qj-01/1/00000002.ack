civicpos-ack-v1
540525
qj-01
1
2
Xw9FQavAtREfOgmUOJ7ibvj-i1kt2nkW6WrrDzKdGZ4
ACCEPTED
20
Wz8d_MZCQ1nbg7jx2yzF2_jneNL7S46NywL0gIuF8ok
-
0
-

— civicpos/540525 YadV0/GPToYdxEhEbdT9MXEX10YecevQcIrgMM+5rYLN1n6jRtN4WxOi6SiAkHVil6hY7TgThjsrluOYf7XEzyTATwU=
