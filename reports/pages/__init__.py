"""What each page of the report shows, as the variables of its template."""
