/* The child of the lateness benchmarks: first thing, it looks at the clock; then it appends "<due ms> <start us>\n" to the
 * file named by STAMP_FILE. Static, so that starting it costs as little as starting anything can. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  struct timespec now;
  char line[128];
  const char *due = getenv("CTASK_SCHEDULED_TIME");
  const char *path = getenv("STAMP_FILE");
  int fd, length;
  clock_gettime(CLOCK_REALTIME, &now);
  if (due == NULL || path == NULL) return 2;
  length = snprintf(line, sizeof line, "%s %lld\n", due, (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
  fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (fd < 0) return 3;
  if (write(fd, line, (size_t)length) != length) return 4;
  return 0;
}
