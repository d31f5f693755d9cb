"""What each command answers, in every form it can be had."""
