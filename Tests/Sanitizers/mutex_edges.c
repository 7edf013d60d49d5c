// Makes locking visible to ThreadSanitizer that it cannot see otherwise.
//
// Swift's Mutex is inlined into our code, which is instrumented. But if two threads contend, both call the runtime's
// library, which is not instrumented, and the kernel passes the lock on. What one thread did before it unlocked then
// seems to race with what the other does after it has the lock. This library is preloaded. It intercepts the two calls
// and reports the release and the acquisition to the sanitizer.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *handle

typedef SWIFT void lock_function(uint32_t thread, SELF);
typedef SWIFT void unlock_function(SELF);

extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

static lock_function *runtimes_lock;
static unlock_function *runtimes_unlock;

__attribute__((constructor)) static void find(void) {
  runtimes_lock = (lock_function *)dlsym(RTLD_NEXT, LOCK);
  runtimes_unlock = (unlock_function *)dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void unlock(SELF) __asm__(UNLOCK);

SWIFT void lock(uint32_t thread, SELF) {
  runtimes_lock(thread, handle);
  if (__tsan_acquire)
    __tsan_acquire(handle);
}

SWIFT void unlock(SELF) {
  if (__tsan_release)
    __tsan_release(handle);
  runtimes_unlock(handle);
}
