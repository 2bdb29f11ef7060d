package cmd

import (
	"io"
	"log/slog"
	"strings"
)

// logger writes what TEAMSFORM_LOG asks for to standard error: debug, info,
// warn or error, with ":json" for JSON lines. Secrets are redacted where they
// would enter a line (internal/httpx).
func (f *factory) logger() *slog.Logger {
	value, _ := f.io.LookupEnv("TEAMSFORM_LOG")
	level, format, _ := strings.Cut(strings.ToLower(strings.TrimSpace(value)), ":")
	var at slog.Level
	switch level {
	case "debug", "trace":
		at = slog.LevelDebug
	case "info":
		at = slog.LevelInfo
	case "warn":
		at = slog.LevelWarn
	case "error":
		at = slog.LevelError
	default:
		return slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	options := &slog.HandlerOptions{Level: at}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(f.io.Err, options))
	}
	return slog.New(slog.NewTextHandler(f.io.Err, options))
}
