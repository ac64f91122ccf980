//! Memory that is given back: a kiosk runs for months beside a window system on a small computer.

/// Buffers of this size and more are mapped one by one, so that freeing them gives them back at once.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_FROM_BYTES: i32 = 1 << 20;

/// Tells the allocator to give large buffers back when they are freed. By itself glibc raises its limit with every large
/// buffer that is freed and then keeps up to 32 MB of each thread's for the next one: 50 MB more after loading models
/// and drawing people.
pub fn give_back_large_buffers() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: `mallopt` takes two numbers, locks the allocator and may be called at any time.
        let taken = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM_BYTES) };
        if taken == 0 {
            tracing::warn!("the allocator keeps its limits; the kiosk takes some 50 MB more");
        }
    }
}
