civicpos-ack-v1
540526
qj-05
2
4
YIrgd8IJzHbjnxu_OwgCrylH9LAlfSJqs0rar8eSO1M
ACCEPTED
14
XhMX90bAPBjrnTa3_UUXebHJq0BTcwLswzNL2OD1m2I
-
0
-

— civicpos/540526 iTImfPeFKgpS5f+/JPJS9dZi0pUpfoLtIHXikK0/phYeMDyT+BvUuLO/xc5hL4wdhvqu/LGKnjeGqLj7cmYQ6Z0h+wc=
