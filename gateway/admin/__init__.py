"""The officers' and operators' side: forget requests, dry runs, explain, status, API keys, audit,
webhooks.

Routes here validate, call the registry and describe what is enforced; they decide nothing about
prompts and are never on the path of a chat request, but where one asks to forget somebody.
"""

from fastapi import APIRouter

from gateway.admin.audit import audit_router
from gateway.admin.bulk import bulk_router
from gateway.admin.keys import keys_router
from gateway.admin.life import deciding_router, telling_router
from gateway.admin.overview import overview_router
from gateway.admin.recipients import recipients_router
from gateway.admin.routes import forget_router
from gateway.parts import Parts


def admin_router(parts: Parts) -> APIRouter:
    """All admin routes, each behind its role."""
    router = APIRouter(prefix="/admin", tags=["admin"])
    router.include_router(bulk_router(parts))  # before what takes an id
    router.include_router(forget_router(parts))
    router.include_router(deciding_router(parts))
    router.include_router(telling_router(parts))
    router.include_router(overview_router(parts))
    router.include_router(keys_router(parts))
    router.include_router(recipients_router(parts))
    router.include_router(audit_router(parts))
    return router


__all__ = ["admin_router"]
