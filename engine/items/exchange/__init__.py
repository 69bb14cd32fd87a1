"""Items of other systems: QTI 3 out and in, QTI 2, Moodle XML and GIFT in."""
