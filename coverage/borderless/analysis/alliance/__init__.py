"""What an alliance is worth: levers, hand-over, coalitions and fair shares."""
