"""Runs the official clients against styk and, as the control, against the real MockServer."""
