// march: rv64gc
// summary.S of a test that has found a mistake.
#define VERDICT "FAILED"
#include "summary.S"
