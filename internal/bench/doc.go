// Package bench measures the built program from outside: the processor time
// and the peak memory of the client process, with the emulated tenant served by
// another process. It has tests only, and they take minutes:
//
//	TEAMSFORM_TESTS=rows go test -v -run TestRows ./internal/bench     a million rows, and growth up to there
//	TEAMSFORM_TESTS=hand go test -v -timeout 60m ./internal/bench      everything that is measured
//
// What is measured is printed as a table. Only growth and memory are judged:
// seconds belong to a machine. How many calls, bytes and allocations a row
// costs is asserted by the fast tests of internal/ops.
package bench
