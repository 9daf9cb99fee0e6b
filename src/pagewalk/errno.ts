/** Linux's error numbers that the walk and its users return, as negative numbers: `return -errno.EINVAL`. */
export const errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EAGAIN: 11,
  ENOMEM: 12,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
} as const;
