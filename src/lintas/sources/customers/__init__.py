"""An officer's customer file becomes entities: CSV, XLSX or FollowTheMoney lines, read row by row, none dropped."""
