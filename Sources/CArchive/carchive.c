#include "carchive.h"
#include <dlfcn.h>
static void *handle;
int ca_load(void) {
    if (!handle) handle = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
    return handle ? 0 : -1;
}
