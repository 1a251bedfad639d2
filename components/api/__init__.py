"""What ApiFront is made of: routes as data, documents, the two kinds of API, and what guards them."""
