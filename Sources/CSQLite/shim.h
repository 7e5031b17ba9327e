#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include <sqlite3.h>
