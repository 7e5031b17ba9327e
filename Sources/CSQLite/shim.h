#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include <sqlite3.h>

/* sqlite3_db_config takes variable arguments, which Swift cannot call. */
static inline int tb_db_config(sqlite3 *db, int operation, int value) {
    return sqlite3_db_config(db, operation, value, (int *)0);
}
