//  Intake: checks a submission, seals it, gives it a receipt code, stores it durably, and only then
//  answers. Decides nothing about who handles it.

#ifndef DAUMOI_INTAKE_H
#define DAUMOI_INTAKE_H

#include "offer.h"
#include "request.h"
#include "service.h"
#include "vault.h"

typedef struct intake intake_t;

intake_t *intake_new (service_t *service, refusal_t *refusal);
void intake_destroy (intake_t **self_p);

#endif
