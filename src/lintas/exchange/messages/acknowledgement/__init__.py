"""An officer has the message and says who works on it."""
