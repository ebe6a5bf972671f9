"""The vocabulary: values that cannot be wrong. Pure; imports nothing of ours."""
