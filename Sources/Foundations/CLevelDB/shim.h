// Google's LevelDB through its C bindings (Debian: libleveldb-dev).
#pragma once
#include <leveldb/c.h>
