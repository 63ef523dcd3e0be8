//! Who asks.

use aws_runtime::user_agent::UserAgentInterceptor;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{
    Intercept, disable_interceptor, dyn_dispatch_hint,
};
use aws_smithy_types::config_bag::ConfigBag;

/// Leaves it to the HTTP client to name us, as in everything that goes out.
///
/// The SDK would name itself instead, twice in each request, and takes an eighth of a
/// request's instructions to put that together.
#[derive(Debug)]
pub(super) struct OurUserAgent;

#[dyn_dispatch_hint]
impl Intercept for OurUserAgent {
    fn name(&self) -> &'static str {
        "OurUserAgent"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let disabled = disable_interceptor::<UserAgentInterceptor>("the HTTP client names us");
        settings.interceptor_state().store_put(disabled);
        Ok(())
    }
}
