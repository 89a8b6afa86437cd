/*
 * compat.h
 *		Every difference between server versions, in one place.
 */
#ifndef SALESMGMT_COMPAT_H
#define SALESMGMT_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "salesmgmt needs PostgreSQL 15 or newer"
#endif

/* PostgreSQL 18 made the encoded side of base64 uint8. */
#if PG_VERSION_NUM >= 180000
#define base64_bytes(p) ((uint8 *) (p))
#else
#define base64_bytes(p) ((char *) (p))
#endif

/* PostgreSQL 17 made intervals infinite; INTERVAL_NOT_FINITE is utils/timestamp.h's. */
#if PG_VERSION_NUM >= 170000
#define interval_is_finite(interval) (!INTERVAL_NOT_FINITE(interval))
#else
#define interval_is_finite(interval) true
#endif

#endif							/* SALESMGMT_COMPAT_H */
