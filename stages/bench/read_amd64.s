#include "textflag.h"

// func readBlocks(x *float32, blocks int)
TEXT ·readBlocks(SB), NOSPLIT, $0-16
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX

loop:
	MOVOU (SI), X0
	MOVOU 16(SI), X1
	MOVOU 32(SI), X2
	MOVOU 48(SI), X3
	MOVOU 64(SI), X4
	MOVOU 80(SI), X5
	MOVOU 96(SI), X6
	MOVOU 112(SI), X7
	ADDQ  $128, SI
	DECQ  CX
	JNZ   loop
	RET
