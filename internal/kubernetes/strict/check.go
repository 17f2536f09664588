package main

import (
	"fmt"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// decode decodes a manifest by the types of Kubernetes and Prometheus Operator; a field that they
// do not have, or one given twice, is an error.
func decode(manifest []byte) (runtime.Object, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme,
		monitoringv1.AddToScheme, monitoringv1alpha1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	object, _, err := decoder.Decode(manifest, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("%w, in\n%s", err, manifest)
	}
	return object, nil
}

// restricted holds a Deployment's pods to the restricted Pod Security Standard, with the checks of
// the API server itself.
func restricted(object runtime.Object) error {
	deployment, ok := object.(*appsv1.Deployment)
	if !ok {
		return nil
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	pod := deployment.Spec.Template
	results := evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec)
	if result := policy.AggregateCheckResults(results); !result.Allowed {
		return fmt.Errorf("the pods of %s are not restricted: %s", deployment.Name, result.ForbiddenDetail())
	}
	return nil
}
