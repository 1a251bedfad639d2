"""Parts of ApiFront: routes as data, documents, the two kinds of API, and what guards them."""
