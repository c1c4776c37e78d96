"""The OpenAPI document: what every route takes and answers.

Which routes there are, who may call them and what they are for is read from the application. What
they take and answer stands in the tables here: bodies are read as they come, and no request is
checked by what is written here. A route without a row is left out of the document, and a test
names it.
"""

from gateway.openapi.document import document, openapi_router

__all__ = ["document", "openapi_router"]
