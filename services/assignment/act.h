//  What people do to a case: finds it by its code, reads it, decides, changes it, answers.

#ifndef DAUMOI_ACT_H
#define DAUMOI_ACT_H

#include "request.h"
#include "service.h"

typedef struct act_desk act_desk_t;

act_desk_t *act_desk_new (service_t *service);
void act_desk_destroy (act_desk_t **self_p);
void act_desk_answers_by (act_desk_t *self, request_server_t *requests); // borrowed
//  A request_fn; arg is the act_desk_t.
void act_desk_request (void *arg, const wire_t *message, const request_from_t *from);

#endif
