#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
// Only the streams: without it zlib.h draws in headers of the C library, which under _GNU_SOURCE
// do not match the copies that Foundation and Dispatch were built with (fd_set).
#define Z_SOLO 1
#include <zlib.h>
