"""Who gets which papers, when, and exactly once? Subscribers, issues, deliveries, alerts."""
