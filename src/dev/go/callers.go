package main

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// watchCallers ends the control plane when the one for whom it runs is gone. Tests ask for it, so that
// nothing outlives them, however they end.
func watchCallers(s settings, end context.CancelCauseFunc) {
	if s.stdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			end(errors.New("the caller closed standard input"))
		}()
	}
	if s.parent != 0 {
		go func() {
			for !errors.Is(syscall.Kill(s.parent, 0), syscall.ESRCH) {
				time.Sleep(200 * time.Millisecond)
			}
			end(errors.New("the process it was started for ended"))
		}()
	}
}
