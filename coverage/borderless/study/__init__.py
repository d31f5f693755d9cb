"""What is asked: the study file, its defaults and the rules of who may respond."""
