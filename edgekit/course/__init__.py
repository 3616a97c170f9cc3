"""What makes lessons trustworthy: build, learner's copy, claims, studies, exercises and their checks."""
