/* What the border interface says of itself: OpenAPI 3.1, from openapi.json. */
#ifndef CLIENT_BORDER_OPENAPI_H
#define CLIENT_BORDER_OPENAPI_H

extern const char openapi_text[];

#endif
