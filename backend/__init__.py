"""The desk: people, courses, credit, plans, claims, decisions, payment. No HTTP in it; the doors and jobs call its services."""
