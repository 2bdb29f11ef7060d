package emulator_test

import (
	"net/http"
	"testing"
)

func validator(testing.TB) func(string, string, http.Header, []byte, answer) { return nil }
