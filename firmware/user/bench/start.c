// Ends at once: what the start of a program costs.
int main(void) { return 0; }
