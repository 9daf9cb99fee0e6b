// march: rv64gc
// physical.S with a third case that cannot pass: what a failing test looks like.
#define EXPECTED 1
#include "physical.S"
