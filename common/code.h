//  The receipt code: H49.tcd-tinh-261120-0001R
//
//      province . desk - day of registration (yymmdd, Vietnam) - serial (at least four digits)
//      check
//
//  The check is one letter (no I, O, Q that are misread): a weighted sum over the rest, so that
//  every single wrong digit and every swap of neighbours in day or serial is found. Read from the
//  right, since a desk may contain '-'. Pure.

#ifndef DAUMOI_CODE_H
#define DAUMOI_CODE_H

#include "base.h"

enum { CODE_MAX = 64 };

typedef struct {
    slice_t province, desk, day; // point into the text that was read
    int64_t serial;
} code_t;

char code_check (slice_t without_check);
//  Writes the full code with NUL, the province in upper case and the desk in lower; returns its
//  length. desk <= 32 bytes, province <= 8, serial 1 to 12 digits.
size_t code_write (char out[CODE_MAX], slice_t province, slice_t desk, slice_t day, int64_t serial);
//  -1 with a reason that helps a person who typed it (field "code"). Either case and white space
//  around are taken: write the parts with code_write to get the one form that is stored.
int code_read (slice_t text, code_t *code, refusal_t *refusal);

#endif
