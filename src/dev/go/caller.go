package main

import (
	"context"
	"errors"
	"syscall"
	"time"
)

// errCallerGone ends a control plane that was only meant for one process.
var errCallerGone = errors.New("the process it was started for ended")

// watchCaller ends the control plane with the process for which it runs. Tests ask for it, so that
// nothing outlives them, however they end.
func watchCaller(pid int, end context.CancelCauseFunc) {
	if pid == 0 {
		return
	}
	go func() {
		waitForEnd(pid)
		end(errCallerGone)
	}()
}

func pollForEnd(pid int) {
	for !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		time.Sleep(200 * time.Millisecond)
	}
}
