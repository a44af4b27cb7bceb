"""The API page: Swagger UI, vendored, asking nothing of the outside."""
