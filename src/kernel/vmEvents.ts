/** What has happened to pages so far: some of the counters of /proc/vmstat. */
export class VmEvents {
  /** Faults that made a page accessible, and those of them that had to read it from somewhere. */
  pgfault = 0;
  pgmajfault = 0;
  /** KiB read from files and from swap space. */
  pgpgin = 0;
  /** Pages that reclaim has looked at, and those that it took. */
  pgscan = 0;
  pgsteal = 0;
  /** Pages from and to swap space. */
  pswpin = 0;
  pswpout = 0;
}
