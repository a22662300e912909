"""The lecture notebooks as files: stored by one tool, compared by one set of rules, copied to learners."""
