"""A request: what is asked, why, and what the answer is for (the fields of Egmont's and the EU's FIU requests)."""
